import type { Random } from '../random.ts';

/** What people and carriers really do with the messages of a lane: chances per message. Nobody who plays sees them. */
export interface Truth {
  /** Failures told by status: 131026, 131049, 130472, and the rest. */
  undeliverable: number;
  marketingLimit: number;
  platformBlock: number;
  otherFailure: number;
  /** Of what is delivered: never told, opened, answered, clicked. */
  read: number;
  reply: number;
  click: number;
  /** Of what is delivered: stop words and buttons, angry answers, and blocks, which the platform keeps to itself. */
  optOut: number;
  complaint: number;
  block: number;
  /** Multiplies how long people take to open; 1 is usual. */
  slowness: number;
}

/** Healthy marketing, anew for each world: 1–4 % undeliverable, 2–6 % held back by the platform, 0.2–0.9 % opt-outs. */
export function healthy(random: Random): Truth {
  return {
    undeliverable: random.between(0.01, 0.04),
    marketingLimit: random.between(0.02, 0.06),
    platformBlock: random.between(0.004, 0.02),
    otherFailure: random.between(0.001, 0.01),
    read: random.between(0.6, 0.85),
    reply: random.between(0.01, 0.06),
    click: random.between(0.05, 0.15),
    optOut: random.between(0.002, 0.009),
    complaint: random.between(0.0002, 0.001),
    block: random.between(0.0008, 0.0025),
    slowness: 1,
  };
}

/** A bought list: numbers that are dead, people who never asked. */
export function bought(random: Random): Truth {
  return {
    ...healthy(random),
    undeliverable: random.between(0.18, 0.32),
    marketingLimit: random.between(0.14, 0.22),
    read: random.between(0.25, 0.4),
    reply: random.between(0.005, 0.02),
    click: random.between(0.01, 0.04),
    optOut: random.between(0.04, 0.1),
    complaint: random.between(0.005, 0.02),
    block: random.between(0.06, 0.12),
  };
}

/** A text that annoys people who can be reached: they leave and block, and the platform holds back more and more of it. */
export function annoying(usual: Truth, random: Random): Truth {
  return {
    ...usual,
    marketingLimit: random.between(0.22, 0.35),
    read: usual.read * 0.8,
    optOut: random.between(0.06, 0.12),
    complaint: random.between(0.01, 0.03),
    block: random.between(0.06, 0.12),
  };
}

/** A carrier that is down: messages fail, nobody is annoyed. Reads of the few that come are as ever. */
export function carrierDown(usual: Truth, random: Random): Truth {
  return { ...usual, undeliverable: random.between(0.35, 0.6), otherFailure: random.between(0.1, 0.25) };
}

/** On the way from one truth to another: `share` 0 is the first, 1 the second. */
export function between(from: Truth, to: Truth, share: number): Truth {
  const mixed = { ...from };
  for (const key of Object.keys(from) as (keyof Truth)[]) mixed[key] = from[key] + share * (to[key] - from[key]);
  return mixed;
}
