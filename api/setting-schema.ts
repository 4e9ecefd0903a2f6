import { z } from 'zod';

/** The parts of a comma list. */
export const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

export const boolean = z.enum(['true', 'false'], { error: 'is neither true nor false' }).transform((text) => text === 'true');

/** A whole number within bounds, both included. */
export const count = (least: number, most: number) =>
  z
    .string()
    .refine((text) => /^[0-9]{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `is not a whole number from ${least} to ${most}`,
    })
    .transform(Number);
