import { element } from './dom';

/** Asks before something that cannot be taken back; says what it would happen to. */
export function confirmed(question: string, what: string, action: string): Promise<boolean> {
  const dialog = element<HTMLDialogElement>('confirm');
  element('confirm-question').textContent = question;
  element('confirm-what').textContent = what;
  element('confirm-yes').textContent = action;
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }));
}
