/** Twice the size of the drawing, so that it is sharp in print. */
const scale = 2;

/** Buttons that save a panel's drawing as PNG: the server's SVG, rasterised here. Works for buttons that come later too. */
export function savePngs(root: Document): void {
  root.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-png]') : null;
    const address = button?.dataset['png'];
    if (address !== undefined) void savePng(address, matchMedia('(prefers-color-scheme: dark)').matches);
  });
}

async function savePng(address: string, dark: boolean): Promise<void> {
  const image = new Image();
  image.src = dark ? address.replace('scheme=light', 'scheme=dark') : address;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth * scale;
  canvas.height = image.naturalHeight * scale;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob === null) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${/([^/]+)\.svg/.exec(address)?.[1] ?? 'chart'}.png`;
  link.click();
  URL.revokeObjectURL(link.href);
}
