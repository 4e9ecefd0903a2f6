import type { GuardrailReading, RatioSuspect } from './document.ts';
import { armName, culpritOf, type Finding, isAgainstHoldout, leastEvents, numbersIn, smallestEffect } from './sentence.ts';

const numbers = numbersIn('fr-FR');
const { count, percent, lift, money, p: pText, points, signed } = numbers;

const did = {
  read: 'l’ont lu',
  reply: 'ont répondu',
  click: 'ont cliqué',
  conversion: 'ont commandé ou atteint un objectif',
  revenue: 'ont dépensé',
};
const guarded = {
  unsubscribe: 'se sont désinscrites',
  failure: 'n’ont pas pu être jointes',
  negative_reply: 'ont répondu par un mot d’arrêt',
};

/** A verdict in French. */
export function sentenceInFrench(finding: Finding): string {
  const { state, design, comparison, looks } = finding;
  const control = armName(design, comparison?.control.arm ?? null);
  const arm = armName(design, finding.arm ?? comparison?.arm ?? null);
  const holdout = isAgainstHoldout(finding);
  switch (state) {
    case 'invalid':
      return `N’agissez pas d’après ce test : ${sick(finding)} L’effet est retenu tant que ce n’est pas corrigé ; recommencez ensuite avec un nouveau sel.`;
    case 'harmful': {
      const broken = finding.guardrails.find(({ alarm }) => alarm);
      if (broken === undefined) return '';
      return `Arrêtez d’envoyer « ${armName(design, broken.arm)} » : ${percent(broken.rate ?? 0)} des ${count(broken.n)} personnes ${guarded[broken.metric]}, ${tooMuch(finding, broken)} ; aucun gain ne vaut cela.`;
    }
    case 'too_early':
      return early(finding);
    case 'winner':
      if (holdout)
        return `Continuez d’envoyer « ${arm} » : ${effect(finding)} ; cela marche, et la différence est ce que les messages rapportent.`;
      return `Prenez « ${arm} » : ${effect(finding)} ; la différence est réelle, terminez le test et envoyez « ${arm} » à tout le monde.`;
    case 'loser':
      if (holdout) return `Arrêtez d’envoyer « ${arm} » : ${effect(finding)} ; les gens font mieux sans.`;
      return `Gardez « ${control} » : ${effect(finding)} ; « ${arm} » est moins bon, terminez le test et abandonnez-le.`;
    case 'not_worse':
      return `« ${arm} » n’est pas moins bon que « ${control} » des ${smallestEffect(finding, numbers)} qui compteraient : ${effect(finding)} ; prenez-le s’il est moins cher ou plus simple, mais n’en attendez pas de gain.`;
    case 'no_difference':
      return `Aucune différence qui compte : ${effect(finding)}, et ${smallestEffect(finding, numbers)} était le minimum utile ; prenez le moins cher et testez quelque chose de plus audacieux.`;
    default:
      return `Rien n’est prouvé, ni dans un sens ni dans l’autre : ${effect(finding)}.${power(finding)} ${
        looks === null
          ? 'Laissez-le tourner, ou déposez un plan la prochaine fois ; ne choisissez pas d’après ceci.'
          : 'Les personnes prévues sont épuisées : gardez ce que vous avez, ou testez un plus grand changement avec plus de monde.'
      }`;
  }
}

function sick(finding: Finding): string {
  const { health, design } = finding;
  const failed = health.find(({ ok }) => !ok);
  switch (failed?.code) {
    case 'unknown_arm':
      return `${count(failed.count)} personnes sont dans « ${failed.arm ?? ''} », un bras qui n’est pas enregistré.`;
    case 'zero_weight':
      return `${count(failed.count)} personnes sont dans « ${armName(design, failed.arm)} », un bras qui ne devait avoir personne.`;
    case 'crossed':
      return `${count(failed.count)} personnes sont dans plus d’un bras et ont donc vu plus d’un message.`;
    case 'holdout_contacted':
      return `${count(failed.count)} personnes du groupe témoin « ${armName(design, failed.arm)} » ont reçu un message.`;
    default:
      return `les bras n’ont pas les parts de personnes prévues (p ${pText(failed?.p ?? 0)} sur ${count(failed?.count ?? 0)}), il manque donc du monde dans l’un d’eux.${culprit(culpritOf(finding))}`;
  }
}

function culprit(suspect: RatioSuspect | undefined): string {
  if (suspect === undefined) return '';
  const { dimension, value, people } = suspect;
  const whom = {
    market: `du marché ${value ?? 'inconnu'}`,
    segment: value === null ? 'des personnes sans segment' : `du segment « ${value} »`,
    day: `du ${value ?? ''}`,
  };
  return ` Cela vient ${whom[dimension]} (${count(people)} personnes) : sans elles les parts sont justes, cherchez là.`;
}

function tooMuch({ design }: Finding, { limit, margin, control }: GuardrailReading): string {
  if (margin === null || control === null) return `sûrement plus que la limite de ${percent(limit ?? 0)}`;
  const more = margin === 0 ? 'plus que' : `plus de ${percent(margin)} au-dessus de`;
  return `sûrement ${more} ${percent(control.n === 0 ? 0 : control.x / control.n)} avec « ${armName(design, control.arm)} »`;
}

function early(finding: Finding): string {
  const { people, counted, days, design, looks } = finding;
  if (people === 0) return 'Personne n’est encore affecté : affectez des personnes aux bras, puis envoyez.';
  const wait = days === null ? 'personne n’est affecté en ce moment' : `encore ${span(days)} environ au rythme actuel`;
  if (counted === 0)
    return `Trop tôt : les ${design.age_hours} heures pendant lesquelles un résultat compte ne sont encore passées pour personne (${count(people)} personnes affectées) ; attendez, ${wait}.`;
  if (looks === null) {
    const least = leastEvents(finding);
    if (least !== null) {
      const { arm, n, events, inverse, needed } = least;
      const verb = design.goal === null ? did[design.metric] : `ont atteint « ${design.goal} »`;
      return `Trop tôt : avec « ${armName(design, arm)} », ${inverse ? `toutes les personnes sauf ${count(events)} sur ${count(n)}` : `${count(events)} personnes seulement sur ${count(n)}`} ${verb}, et sans plan on ne peut rien dire avant ${count(needed)} dans chaque bras ; laissez-le tourner et ne choisissez rien.`;
    }
    return `Trop tôt : seules ${count(counted)} personnes sur ${count(people)} peuvent être comptées, c’est peu ; laissez-le tourner et ne choisissez rien.`;
  }
  const said =
    looks.taken === 0
      ? 'le premier examen est encore à venir'
      : `l’examen ${looks.taken} sur ${looks.planned} n’a franchi aucun seuil`;
  return `Trop tôt : ${count(counted)} personnes sont comptées et ${said} ; laissez-le tourner, et ne choisissez rien avant le prochain examen à ${count(looks.next_at ?? counted)} personnes ; pour tout le plan, ${wait}.`;
}

function effect(finding: Finding): string {
  const { comparison, design, currency, counted } = finding;
  if (comparison === null) return 'il n’y a rien à comparer';
  const { control, treatment, relative, absolute } = comparison;
  const window =
    design.age_hours % 24 === 0 && design.age_hours > 48 ? `${design.age_hours / 24} jours` : `${design.age_hours} h`;
  const other = isAgainstHoldout(finding) ? 'chez ceux qui n’ont rien reçu' : `avec « ${armName(design, control.arm)} »`;
  const name = `« ${armName(design, treatment.arm)} »`;
  const range =
    relative.value !== null && relative.low !== null
      ? `${lift(relative.value)}, sûrement ${relative.high === null ? `plus que ${lift(relative.low)}` : `entre ${lift(relative.low)} et ${lift(relative.high)}`}`
      : absolute.low !== null && absolute.high !== null
        ? `sûrement entre ${ends(absolute.low, absolute.high, design.metric === 'revenue', currency)}`
        : 'sans plage sûre';
  if (design.metric === 'revenue') {
    return `avec ${name} une personne a dépensé ${money(treatment.value ?? 0, currency)} en ${window}, ${other} ${money(control.value ?? 0, currency)} (${range} ; ${count(counted)} personnes)`;
  }
  const verb = design.goal === null ? did[design.metric] : `ont atteint « ${design.goal} »`;
  return `${percent(treatment.value ?? 0)} ${verb} en ${window} avec ${name}, ${percent(control.value ?? 0)} ${other} (${range} ; ${count(control.n + treatment.n)} personnes)`;
}

function ends(low: number, high: number, isMoney: boolean, currency: string | null): string {
  const text = (value: number) => signed(value, isMoney ? money(value, currency) : points(value));
  return `${text(low)} et ${text(high)}`;
}

function power({ detectable }: Finding): string {
  return detectable === null ? '' : ` Si peu de personnes ne montrent que des écarts d’environ ${percent(detectable)} ou plus.`;
}

/** Days as people say them. */
function span(days: number): string {
  if (days < 1.5 / 24) return 'une heure';
  if (days < 2) return `${Math.ceil(days * 24)} heures`;
  return `${count(Math.ceil(days))} jours`;
}
