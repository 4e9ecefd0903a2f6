import type { ComponentChildren } from 'preact';
import type { ScopeStateAnswer } from '../../control-schema.ts';
import type { CampaignDetail } from '../../warehouse.ts';
import type { Words } from '../words.ts';
import { BrakeState } from './brake-state.tsx';

/** What a campaign is: from its registration, as far as there is one. */
export function CampaignHeader({
  campaign,
  brake,
  words,
}: {
  campaign: CampaignDetail;
  brake: ScopeStateAnswer | null;
  words: Words;
}) {
  const { t } = words;
  const template = [campaign.template_name, campaign.template_language].filter((part) => part !== null).join(' · ');
  const active = [campaign.first_message_at, campaign.last_message_at].filter((time) => time !== null).map(words.day);
  const { reply_hours, optout_hours, conversion_days } = campaign.windows;
  return (
    <section class="panel facts" aria-label={t('campaign.facts')}>
      {campaign.registered ? null : <p class="problem">{t('campaign.unregistered')}</p>}
      <dl>
        <Fact name={t('campaign.brake')} value={brake === null ? null : <Brake state={brake} words={words} />} />
        <Fact name={t('campaign.objective')} value={campaign.objective} />
        <Fact
          name={t('campaign.category')}
          value={campaign.category === null ? null : words.member('category', campaign.category)}
        />
        <Fact name={t('campaign.template')} value={template || null} />
        <Fact name={t('campaign.number')} value={campaign.phone_number_id} />
        <Fact name={t('campaign.margin')} value={campaign.margin === null ? null : words.percent(campaign.margin)} />
        <Fact name={t('campaign.active')} value={active.length === 0 ? null : [...new Set(active)].join(' – ')} />
        <Fact
          name={t('campaign.windows')}
          value={t('campaign.windows.text', {
            reply: words.count(reply_hours),
            optout: words.count(optout_hours),
            conversion: conversion_days,
          })}
        />
        <Fact name={t('campaign.arms')} value={<Arms campaign={campaign} words={words} />} />
      </dl>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: ComponentChildren | null }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{value ?? '—'}</dd>
    </div>
  );
}

function Brake({ state, words }: { state: ScopeStateAnswer; words: Words }) {
  return (
    <>
      <a href="/control">
        <BrakeState state={state} words={words} />
      </a>{' '}
      <span class="note">{state.reason.sentence}</span>
    </>
  );
}

function Arms({ campaign, words }: { campaign: CampaignDetail; words: Words }) {
  const { t } = words;
  const whole = campaign.arms.reduce((sum, { weight }) => sum + weight, 0);
  if (campaign.arms.length === 0) return <>{t('campaign.arms.none')}</>;
  return (
    <ul class="arms">
      {campaign.arms.map(({ id, name, weight, holdout }) => (
        <li key={id}>
          {name ?? id}
          <span class="note">
            {whole === 0 ? '' : t('campaign.arm.share', { share: words.percent(weight / whole) })}
            {holdout ? `, ${t('campaign.arm.holdout')}` : ''}
          </span>
        </li>
      ))}
    </ul>
  );
}
