import { compareRevenue } from './compare-revenue.ts';
import { controlOf, type Design, variantsOf } from './design.ts';
import type { Comparison, Note, NoteCode, StratifiedEstimate } from './document.ts';
import type { Evidence } from './evidence.ts';
import { armName, numbersIn } from './sentence.ts';

/** What a reader should know besides the verdict. */
export function notesOf(design: Design, { revenue, braked = [] }: Evidence, comparisons: readonly Comparison[]): Note[] {
  const notes: Note[] = [];
  const add = (code: NoteCode, en: string, fr: string) => notes.push({ code, text: { en, fr } });
  if (design.plan_state === 'late') {
    add(
      'plan_late',
      'The plan was filed or changed after the start, so it decides nothing; only the always-valid sequence may.',
      'Le plan a été déposé ou modifié après le début : il ne décide rien, seule la séquence toujours valide le peut.',
    );
  }
  if (design.plan_state === 'none') {
    add(
      'no_plan',
      'Without a plan only the always-valid sequence may decide; a plan filed before the start decides sooner.',
      'Sans plan, seule la séquence toujours valide peut décider ; un plan déposé avant le début décide plus tôt.',
    );
  }
  const control = controlOf(design);
  if (control.holdout && ['read', 'reply', 'click'].includes(design.metric)) {
    add(
      'holdout_sees_no_message',
      'People of a hold-out get no message, so they cannot read, answer or click one: choose conversion or revenue.',
      'Le groupe témoin ne reçoit aucun message et ne peut ni lire, ni répondre, ni cliquer : choisissez conversion ou revenue.',
    );
  }
  if (design.weights_known === false) {
    add(
      'weights_unknown',
      'Nobody registered this experiment, so whether its arms have the right shares of people cannot be checked.',
      'Personne n’a enregistré cette expérience : on ne peut pas vérifier que ses bras ont les bonnes parts de personnes.',
    );
  }
  for (const one of braked) {
    const name = armName(design, one.arm_id);
    const [day, clock] = [new Date(one.at).toISOString().slice(0, 10), new Date(one.at).toISOString().slice(11, 16)];
    add(
      'arm_braked',
      `Arm ${name} was held back on ${day} at ${clock} UTC and has got fewer messages than the others since, so shares and effects are biased: mend the cause, then test anew. The brake said: “${one.reason.en}”`,
      `Le bras ${name} a été retenu le ${day} à ${clock} UTC et reçoit depuis moins de messages que les autres : parts et effets sont biaisés ; corrigez la cause, puis refaites le test. Le frein a dit : « ${one.reason.fr} »`,
    );
  }
  const mixed = comparisons.flatMap(({ stratified }) => stratified).find(({ disagrees }) => disagrees);
  if (mixed !== undefined) add('simpson', ...simpson(mixed));
  if (design.metric !== 'revenue' || revenue === null || comparisons.length === 0) return notes;
  if (revenue.currency === 'mixed') {
    add(
      'several_currencies',
      'Orders are in several currencies, so there is no sum: name one in the experiment.',
      'Les commandes sont en plusieurs devises, il n’y a donc pas de somme : nommez-en une dans l’expérience.',
    );
    return notes;
  }
  const of = (arm: string) => revenue.arms.find(({ arm_id }) => arm_id === arm);
  for (const variant of variantsOf(design)) {
    const [c, t] = [of(control.id), of(variant.id)];
    const compared = c === undefined || t === undefined ? null : compareRevenue(c, t);
    if (c === undefined || t === undefined || compared === null) continue;
    if (compared.whale && !notes.some(({ code }) => code === 'whale')) {
      const most = Math.max(c.most, t.most);
      const money = (language: string) =>
        `${most.toLocaleString(language, { maximumFractionDigits: 0 })} ${revenue.currency ?? ''}`.trim();
      add(
        'whale',
        `One person's orders (${money('en-GB')}) make the raw mean; this verdict caps them, and rests on everybody else.`,
        `Les commandes d’une seule personne (${money('fr-FR')}) font la moyenne brute ; ce verdict les plafonne et repose sur toutes les autres.`,
      );
    }
    const share = Math.round(compared.variance_reduction * 100);
    if (compared.method === 'cuped') {
      add(
        'covariate_used',
        `Purchases of the 28 days before take ${share} % off the variance and are taken into account.`,
        `Les achats des 28 jours précédents réduisent la variance de ${share} % et sont pris en compte.`,
      );
    } else {
      add(
        'covariate_useless',
        `Purchases of the 28 days before say almost nothing about those after (${share} % of the variance): plain means are used.`,
        `Les achats des 28 jours précédents ne disent presque rien des suivants (${share} % de la variance) : les moyennes simples sont utilisées.`,
      );
    }
  }
  return notes;
}

const within = { market: ['markets', 'marchés'], segment: ['segments', 'segments'] } as const;

function simpson({ by, absolute, plain_absolute }: StratifiedEstimate): [en: string, fr: string] {
  const points = (language: 'en-GB' | 'fr-FR', value: number) => {
    const { digits, signed } = numbersIn(language);
    return signed(value, digits(value * 100));
  };
  return [
    `Careful: within ${within[by][0]} the difference is ${points('en-GB', absolute)} percentage points, over all ${points('en-GB', plain_absolute)}. The arms hold different people, so do not act before it is known why; the first of the two is nearer to the truth.`,
    `Attention : à l’intérieur des ${within[by][1]}, la différence est de ${points('fr-FR', absolute)} points de pourcentage, au total de ${points('fr-FR', plain_absolute)}. Les bras n’ont pas les mêmes personnes : n’agissez pas avant de savoir pourquoi ; la première des deux est plus proche de la vérité.`,
  ];
}
