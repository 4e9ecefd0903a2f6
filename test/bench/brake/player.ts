import type { Crowd } from '../../../simulator/scenario/crowd.ts';
import type { Lane } from '../../../simulator/scenario/scenario.ts';

/** One turn of a brake: `on` begins to hold a scope back, otherwise it lets go. Scopes as the controller writes them. */
export interface Turn {
  at: number;
  scope: string;
  on: boolean;
}

/** Holds, or does not hold, the sender of one world. It sees what a business sees: what it sent, and the feedback. */
export interface Brakeman {
  /** What it did, in order of time. */
  readonly turns: Turn[];
  /** Feedback (`message * 16 + kind`, see Crowd), as it came in the step that is over. */
  hear(told: readonly number[]): void;
  /** Thinks; once a step, after hearing. */
  look(): void;
  /** How many of these may go out in the coming step. */
  grant(lane: number, wanted: number): number;
  /** So many went out; the first of them is this message, the others follow. */
  sent(lane: number, first: number, count: number): void;
  /** Is started anew: what was only in memory is lost. */
  restart(): void;
}

export interface Player {
  name: string;
  title: string;
  begin(crowd: Crowd): Brakeman;
}

/** Every scope that a lane belongs to. */
export function scopesOfLane({ campaign, template, segment, variant, market, number }: Lane): string[] {
  return [
    `stream:${campaign}/${template}/${segment}`,
    `campaign:${campaign}`,
    `template:${template}`,
    `segment:${segment}`,
    `market:${market}`,
    `number:${number}`,
    ...(variant === null ? [] : [`variant:${campaign}/${variant}`]),
  ];
}
