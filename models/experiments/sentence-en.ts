import type { GuardrailReading, RatioSuspect } from './document.ts';
import { armName, culpritOf, type Finding, isAgainstHoldout, leastEvents, numbersIn, smallestEffect } from './sentence.ts';

const numbers = numbersIn('en-GB');
const { count, percent, lift, money, p: pText, points, signed } = numbers;

const did = { read: 'read it', reply: 'replied', click: 'clicked', conversion: 'ordered or reached a goal', revenue: 'spent' };
const guarded = { unsubscribe: 'opted out', failure: 'could not be reached', negative_reply: 'answered with a stop word' };

/** A verdict in English. */
export function sentenceInEnglish(finding: Finding): string {
  const { state, design, comparison, looks } = finding;
  const control = armName(design, comparison?.control.arm ?? null);
  const arm = armName(design, finding.arm ?? comparison?.arm ?? null);
  const holdout = isAgainstHoldout(finding);
  switch (state) {
    case 'invalid':
      return `Do not act on this test: ${sick(finding)} The effect is withheld until that is mended; then start again with a new salt.`;
    case 'harmful': {
      const broken = finding.guardrails.find(({ alarm }) => alarm);
      if (broken === undefined) return '';
      return `Stop sending “${armName(design, broken.arm)}”: ${percent(broken.rate ?? 0)} of ${count(broken.n)} people ${guarded[broken.metric]}, ${tooMuch(finding, broken)}; whatever it wins is not worth that.`;
    }
    case 'too_early':
      return early(finding);
    case 'winner':
      if (holdout) return `Keep sending “${arm}”: ${effect(finding)}; it works, and the difference is what the messages bring.`;
      return `Use “${arm}”: ${effect(finding)}; the difference is real, so end the test and send “${arm}” to everybody.`;
    case 'loser':
      if (holdout) return `Stop sending “${arm}”: ${effect(finding)}; people do better without it.`;
      return `Keep “${control}”: ${effect(finding)}; “${arm}” is worse, so end the test and drop it.`;
    case 'not_worse':
      return `“${arm}” is not worse than “${control}” by the ${smallestEffect(finding, numbers)} that would matter: ${effect(finding)}; take it if it is cheaper or simpler, but do not expect a gain.`;
    case 'no_difference':
      return `It makes no difference that matters: ${effect(finding)}, and ${smallestEffect(finding, numbers)} was the least worth knowing; take whichever is cheaper and test something bolder.`;
    default:
      return `Nothing is proven either way: ${effect(finding)}.${power(finding)} ${
        looks === null
          ? 'Let it run on, or file a plan next time; do not choose by this.'
          : 'The planned people are used up: keep what you have, or test a bigger change with more people.'
      }`;
  }
}

function sick(finding: Finding): string {
  const { health, design } = finding;
  const failed = health.find(({ ok }) => !ok);
  switch (failed?.code) {
    case 'unknown_arm':
      return `${count(failed.count)} people are in “${failed.arm ?? ''}”, an arm that is not registered.`;
    case 'zero_weight':
      return `${count(failed.count)} people are in “${armName(design, failed.arm)}”, an arm that should get nobody.`;
    case 'crossed':
      return `${count(failed.count)} people are in more than one arm, so they saw more than one message.`;
    case 'holdout_contacted':
      return `${count(failed.count)} people of the hold-out “${armName(design, failed.arm)}” were written to.`;
    default:
      return `the arms do not have the shares of people that they were to have (p ${pText(failed?.p ?? 0)} among ${count(failed?.count ?? 0)}), so somebody is missing from one of them.${culprit(culpritOf(finding))}`;
  }
}

function culprit(suspect: RatioSuspect | undefined): string {
  if (suspect === undefined) return '';
  const { dimension, value, people } = suspect;
  const whom = {
    market: `the market ${value ?? 'unknown'}`,
    segment: value === null ? 'people without a segment' : `the segment “${value}”`,
    day: value ?? '',
  };
  return ` It comes from ${whom[dimension]} (${count(people)} people): without them the shares are right, so look there.`;
}

function tooMuch({ design }: Finding, { limit, margin, control }: GuardrailReading): string {
  if (margin === null || control === null) return `surely above the limit of ${percent(limit ?? 0)}`;
  const more = margin === 0 ? 'more than' : `more than ${percent(margin)} above`;
  return `surely ${more} the ${percent(control.n === 0 ? 0 : control.x / control.n)} with “${armName(design, control.arm)}”`;
}

function early(finding: Finding): string {
  const { people, counted, days, design, looks } = finding;
  if (people === 0) return 'Nobody is assigned yet: assign people to the arms, then send.';
  const wait = days === null ? 'nobody is being assigned at present' : `about ${span(days)} to go at today’s pace`;
  if (counted === 0)
    return `Too early: the ${design.age_hours} hours in which an outcome counts have passed for nobody yet (${count(people)} people are in); wait, ${wait}.`;
  if (looks === null) {
    const least = leastEvents(finding);
    if (least !== null) {
      const { arm, n, events, inverse, needed } = least;
      const verb = design.goal === null ? did[design.metric] : `reached “${design.goal}”`;
      return `Too early: with “${armName(design, arm)}” ${inverse ? 'all but' : 'only'} ${count(events)} of ${count(n)} people ${verb}, and without a plan nothing can be said before ${count(needed)} in each arm ${inverse ? 'did not' : 'have'}; keep it running and choose nothing yet.`;
    }
    return `Too early: only ${count(counted)} of ${count(people)} people can be counted, which is few; keep it running and choose nothing yet.`;
  }
  const said =
    looks.taken === 0 ? 'the first look is still ahead' : `look ${looks.taken} of ${looks.planned} has crossed no line`;
  return `Too early: ${count(counted)} people are counted and ${said}; keep it running, and choose nothing before the next look at ${count(looks.next_at ?? counted)} people; for the whole plan ${wait}.`;
}

function effect(finding: Finding): string {
  const { comparison, design, currency, counted } = finding;
  if (comparison === null) return 'there is nothing to compare';
  const { control, treatment, relative, absolute } = comparison;
  const window = design.age_hours % 24 === 0 && design.age_hours > 48 ? `${design.age_hours / 24} days` : `${design.age_hours} h`;
  const other = isAgainstHoldout(finding) ? 'among those who got nothing' : `with “${armName(design, control.arm)}”`;
  const name = `“${armName(design, treatment.arm)}”`;
  const range =
    relative.value !== null && relative.low !== null
      ? `${lift(relative.value)}, surely ${relative.high === null ? `more than ${lift(relative.low)}` : `between ${lift(relative.low)} and ${lift(relative.high)}`}`
      : absolute.low !== null && absolute.high !== null
        ? `surely between ${ends(absolute.low, absolute.high, design.metric === 'revenue', currency)}`
        : 'with no sure range';
  if (design.metric === 'revenue') {
    return `with ${name} a person spent ${money(treatment.value ?? 0, currency)} within ${window}, ${other} ${money(control.value ?? 0, currency)} (${range}; ${count(counted)} people)`;
  }
  const verb = design.goal === null ? did[design.metric] : `reached “${design.goal}”`;
  return `${percent(treatment.value ?? 0)} ${verb} within ${window} with ${name}, ${percent(control.value ?? 0)} ${other} (${range}; ${count(control.n + treatment.n)} people)`;
}

function ends(low: number, high: number, isMoney: boolean, currency: string | null): string {
  const text = (value: number) => signed(value, isMoney ? money(value, currency) : points(value));
  return `${text(low)} and ${text(high)}`;
}

function power({ detectable }: Finding): string {
  return detectable === null ? '' : ` So few people show only differences of about ${percent(detectable)} or more.`;
}

/** Days as people say them. */
function span(days: number): string {
  if (days < 1.5 / 24) return 'an hour';
  if (days < 2) return `${Math.ceil(days * 24)} hours`;
  return `${count(Math.ceil(days))} days`;
}
