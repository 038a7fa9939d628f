import { showAges } from './ages';
import { openQuestions } from './dialogs';
import { follow } from './live';

// Where the navigation is a row that scrolls, the page one is on is in sight.
document.querySelector('.console > nav a.active')?.scrollIntoView({ block: 'nearest', inline: 'center' });

const region = document.querySelector<HTMLElement>('[data-live]');
const freshness = document.querySelector<HTMLElement>('[data-freshness]');

if (region && freshness) follow(region, freshness);
else {
  const show = () => showAges(document, 0);
  setInterval(show, 1_000);
  show();
}
openQuestions();
