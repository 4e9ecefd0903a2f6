import type { Player } from '../player.ts';
import { circuitBreaker } from './circuit-breaker.ts';
import { deliveryThreshold, fixedThresholds } from './fixed-thresholds.ts';
import { oracle } from './oracle.ts';
import { sesAlarm } from './ses-alarm.ts';
import { sluice } from './sluice.ts';
import { uncontrolled } from './uncontrolled.ts';

/** In the order of the table. */
export const players: readonly Player[] = [
  uncontrolled,
  fixedThresholds,
  deliveryThreshold,
  sesAlarm,
  circuitBreaker,
  sluice(),
  oracle,
];
