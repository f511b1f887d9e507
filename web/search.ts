/* Suggestions while one types into a search box: a list under it, as the ARIA pattern of a combobox with a list has it. Without
 * this script the box is a plain form. */

interface Suggestion {
  text: string;
  register: string;
  id: string;
}

const WAIT_MS = 120;

class Suggestions {
  private readonly list = document.createElement('ul');
  private timer = 0;
  private asked = '';
  private chosen = -1;
  private items: Suggestion[] = [];

  constructor(private readonly input: HTMLInputElement, number: number) {
    this.list.className = 'suggestions';
    this.list.id = `suggestions-${number}`;
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', input.getAttribute('aria-label') ?? input.labels?.[0]?.textContent ?? '');
    this.list.hidden = true;
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-controls', this.list.id);
    input.setAttribute('aria-expanded', 'false');
    input.parentElement?.append(this.list);
    input.addEventListener('input', () => this.later());
    input.addEventListener('keydown', (event) => this.key(event));
    input.addEventListener('blur', () => window.setTimeout(() => this.close(), WAIT_MS));
  }

  private later(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), WAIT_MS);
  }

  private async ask(): Promise<void> {
    const typed = this.input.value.trim();
    this.asked = typed;
    if (typed === '') {
      this.close();
      return;
    }
    const answer = await fetch(`${this.input.dataset.suggest}&q=${encodeURIComponent(typed)}`).catch(() => null);
    /* What was typed since has been asked for since. */
    if (!answer?.ok || this.asked !== typed) {
      return;
    }
    const { items } = (await answer.json()) as { items: Suggestion[] };
    if (this.asked === typed && document.activeElement === this.input) {
      this.show(items);
    }
  }

  private show(items: Suggestion[]): void {
    this.items = items;
    this.chosen = -1;
    this.list.replaceChildren(
      ...items.map((item, index) => {
        const row = document.createElement('li');
        row.id = `${this.list.id}-${index}`;
        row.setAttribute('role', 'option');
        row.setAttribute('aria-selected', 'false');
        row.textContent = item.text;
        row.addEventListener('mousedown', (event) => {
          event.preventDefault();
          this.go(item);
        });
        return row;
      }),
    );
    this.list.hidden = items.length === 0;
    this.input.setAttribute('aria-expanded', String(items.length > 0));
    this.input.removeAttribute('aria-activedescendant');
  }

  private close(): void {
    this.show([]);
  }

  private go(item: Suggestion): void {
    window.location.assign(`${this.input.dataset.record}${item.register}/${encodeURIComponent(item.id)}`);
  }

  private choose(index: number): void {
    this.chosen = index;
    [...this.list.children].forEach((row, at) => row.setAttribute('aria-selected', String(at === index)));
    if (index >= 0) {
      this.input.setAttribute('aria-activedescendant', `${this.list.id}-${index}`);
    } else {
      this.input.removeAttribute('aria-activedescendant');
    }
  }

  private key(event: KeyboardEvent): void {
    const count = this.items.length;
    /* An input method's own keys are not ours. */
    if (event.isComposing || count === 0) {
      return;
    }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      this.choose(((this.chosen + 1 + step + count + 1) % (count + 1)) - 1);
      event.preventDefault();
    } else if (event.key === 'Enter' && this.chosen >= 0) {
      event.preventDefault();
      this.go(this.items[this.chosen]!);
    } else if (event.key === 'Escape') {
      this.close();
    }
  }
}

document.querySelectorAll<HTMLInputElement>('input[data-suggest]').forEach((input, number) => {
  new Suggestions(input, number);
});
