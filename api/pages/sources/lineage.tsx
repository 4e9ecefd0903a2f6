import { loadModels } from '../../../models/load.ts';
import type { Models } from '../../../models/model-graph.ts';
import type { Source } from './source.ts';

let models: Promise<Models> | undefined;

/** Every model: what one row is, what it reads, who reads it, its audits. */
export const lineage: Source = async ({ words }) => {
  const { t } = words;
  models ??= loadModels();
  const { models: all } = await models;
  const readers = new Map<string, string[]>();
  for (const { name, upstream } of all)
    for (const source of upstream) readers.set(source, [...(readers.get(source) ?? []), name]);
  const links = (names: readonly string[]) =>
    names.map((name, at) => (
      <>
        {at === 0 ? '' : ', '}
        {all.some((one) => one.name === name) ? <a href={`#model-${name}`}>{name}</a> : name}
      </>
    ));
  return {
    view: (
      <dl class="definitions">
        {all.map(({ name, layer, kind, grain, description, upstream, reads, audits }) => (
          <div key={name} id={`model-${name}`} data-key={name}>
            <dt>
              <code>{name}</code> <span class="note">{`${layer} · ${kind}`}</span>
            </dt>
            <dd>
              <p lang="en">{description}</p>
              <p class="quiet">
                {words.labelled(t('lineage.grain'), '')}
                <span lang="en">{grain}</span>
              </p>
              <p class="quiet">
                {words.labelled(t('lineage.reads'), '')}
                {links([...reads, ...upstream])}
              </p>
              {readers.has(name) ? (
                <p class="quiet">
                  {words.labelled(t('lineage.readers'), '')}
                  {links(readers.get(name) ?? [])}
                </p>
              ) : null}
              {audits.length === 0 ? null : (
                <p class="quiet">
                  {words.labelled(t('lineage.audits'), '')}
                  <span lang="en">{audits.map((audit) => audit.name).join('; ')}</span>
                </p>
              )}
            </dd>
          </div>
        ))}
      </dl>
    ),
    table: {
      header: ['model', 'layer', 'kind', 'grain', 'reads'],
      rows: all.map(({ name, layer, kind, grain, upstream, reads }) => [
        name,
        layer,
        kind,
        grain,
        [...reads, ...upstream].join(' '),
      ]),
    },
  };
};
