import type { Freshness } from '../panels.ts';
import type { Words } from '../words.ts';

/** How new the data is, and whether a table keeps an older state. */
export function FreshnessLine({ freshness, words }: { freshness: Freshness; words: Words }) {
  const { watermark, builtAt, stale } = freshness;
  const { t } = words;
  return (
    <div class="freshness">
      <p>
        {watermark === null ? (
          t('fresh.none')
        ) : (
          <>
            <time dateTime={minute(watermark)}>{t('fresh.until', { time: words.dateTime(watermark) })}</time>
            {builtAt === null ? null : (
              <>
                {' · '}
                <time dateTime={minute(builtAt)}>{t('fresh.built', { time: words.dateTime(builtAt) })}</time>
              </>
            )}
          </>
        )}
      </p>
      {stale.length === 0 ? null : (
        <p class="problem" role="alert">
          {t('fresh.stale', { models: words.list(stale) })}
        </p>
      )}
    </div>
  );
}

/** An instant to the minute, as it is shown: a new build that changes nothing else leaves the page as it is. */
function minute(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 16)}Z`;
}
