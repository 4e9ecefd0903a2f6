import { z } from 'zod';
import { count } from './setting-schema.ts';
import type { Setting } from './settings.ts';

const days = count(1, 36_500);

/** The settings of what is kept, for how long, and of the project folder: see Setting. */
export const keepingSettings = {
  SLUICE_RETENTION_TEXT_DAYS: {
    meaning:
      'Days after which what people wrote and are called is taken out of the raw records; counts stay. Absent = never. docs/privacy.md tells of all classes.',
    example: '90',
    schema: days,
  },
  SLUICE_RETENTION_PROFILE_DAYS: {
    meaning:
      'Days after which names and attributes of contacts that you sent are taken away, unless sent again since. Absent = never.',
    example: '730',
    schema: days,
  },
  SLUICE_RETENTION_PERSON_DAYS: {
    meaning: 'Days without any sign of a person after which the person is forgotten, as by "sluice forget". Absent = never.',
    example: '1095',
    schema: days,
  },
  SLUICE_FORGET_KEEP_DAYS: {
    meaning:
      'Days for which keyed hashes of who was forgotten are kept, so that old copies are forgotten as well: longer than your oldest backup, and than Kafka keeps records.',
    default: '90',
    schema: count(9, 3650),
  },
  SLUICE_PROJECT_DIR: {
    meaning:
      'Folder with models, metrics, dashboards, segments, rate cards and so on of your own, as "sluice init" makes it. Absent = none.',
    example: './project',
    schema: z.string().min(1),
  },
  SLUICE_SNAPSHOT_HOURS: {
    meaning:
      'Hours between two Parquet snapshots of the marts (a folder each, in snapshots/ of the data folder). 0 = only by command.',
    default: '24',
    schema: count(0, 8760),
  },
  SLUICE_SNAPSHOT_KEEP: {
    meaning: 'How many snapshots are kept; the oldest go.',
    default: '30',
    schema: count(1, 10_000),
  },
} as const satisfies Record<string, Setting>;
