import { showAges } from './ages';
import { openQuestions } from './dialogs';
import { follow } from './live';

const region = document.querySelector<HTMLElement>('[data-live]');
const freshness = document.querySelector<HTMLElement>('[data-freshness]');

if (region && freshness) follow(region, freshness);
else {
  const show = () => showAges(document, 0);
  setInterval(show, 1_000);
  show();
}
openQuestions();
