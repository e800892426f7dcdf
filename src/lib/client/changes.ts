/** How a plain class tells pages that it has changed: without runes it stays plain TypeScript, which tests run as it is. */
import { createSubscriber } from 'svelte/reactivity';

/** One for each class that pages read: {@link Changes.read} in its getters, {@link Changes.tell} after each change. */
export class Changes {
  #update: () => void = () => {};
  /** Called by an effect, or by what an effect reads: it runs anew after the next {@link Changes.tell}. */
  readonly read = createSubscriber((update) => {
    this.#update = update;
  });

  /** What was read has changed. */
  tell(): void {
    this.#update();
  }
}
