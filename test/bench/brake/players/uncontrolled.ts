import type { Player } from '../player.ts';

/** Sends whatever is wanted. */
export const uncontrolled: Player = {
  name: 'none',
  title: 'No control',
  begin: () => ({ turns: [], hear: () => {}, look: () => {}, grant: (_, wanted) => wanted, sent: () => {}, restart: () => {} }),
};
