/** Questions whether something is to be done appear over the page they were asked from; without this script they are pages of their own. */
export function openQuestions(): void {
  document.addEventListener('click', event => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element).closest<HTMLAnchorElement>('a[data-act]');
    if (!link) return;
    event.preventDefault();
    void ask(link.href).catch(() => location.assign(link.href));
  });
}

async function ask(address: string): Promise<void> {
  const response = await fetch(address, { headers: { Accept: 'text/html' } });
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const form = page.querySelector<HTMLFormElement>('form[data-confirm]');
  if (!response.ok || !form) {
    location.assign(address);
    return;
  }
  form.querySelector<HTMLInputElement>('[name="back"]')!.value = location.pathname + location.search;
  const dialog = document.createElement('dialog');
  dialog.setAttribute('aria-labelledby', 'confirm-title');
  dialog.append(document.adoptNode(form));
  form.querySelector('[data-cancel]')?.addEventListener('click', event => {
    event.preventDefault();
    dialog.close();
  });
  // One click is one action.
  form.addEventListener('submit', () => {
    for (const button of form.querySelectorAll('button')) button.disabled = true;
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
