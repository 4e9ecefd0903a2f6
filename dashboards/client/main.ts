import { answerPointer, mountCharts, redrawCharts } from './chart.ts';
import { followPage } from './live.ts';
import { savePngs } from './png.ts';

const dark = matchMedia('(prefers-color-scheme: dark)');

void mountCharts(document);
dark.addEventListener('change', () => void redrawCharts(document));
followPage(() => mountCharts(document));
answerPointer(document);
savePngs(document);
