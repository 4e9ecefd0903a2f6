import { z } from 'zod';
import { readProjectFile } from '../sql/files.ts';

/** The version of package.json. */
export const version: string = z.object({ version: z.string() }).parse(JSON.parse(readProjectFile('package.json'))).version;
