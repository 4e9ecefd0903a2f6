/** A bar drawn by the server: a part of a whole, and where a line is given, how far it is to it. The numbers stand beside it. */
export function ShareBar({ share, line = false }: { share: number; line?: boolean }) {
  const full = line ? 110 : 100;
  const width = Math.max(0, Math.min(full, 100 * share));
  return (
    <svg
      class={share >= 1 ? 'share-bar full' : 'share-bar'}
      viewBox={`0 0 ${full} 10`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect class="ground" width={full} height="10" />
      <rect class="part" width={width.toFixed(2)} height="10" />
      {line ? <rect class="line" x="99.2" width="1.2" height="10" /> : null}
    </svg>
  );
}
