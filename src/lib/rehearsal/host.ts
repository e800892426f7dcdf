/**
 * The host of this browser's rehearsals: one show for each code, shared by all screens that are in it. It lives in a shared
 * worker where the browser has one, so that no screen's closing ends it; else in the one page that there is.
 */
import { answerCall } from './calls.ts';
import type { FromScreen, Line, ToScreen } from './line.ts';
import type { Pace } from './schedule.ts';
import { Pulse } from './schedule.ts';
import type { Beginning } from './show.ts';
import { Show } from './show.ts';

/** A screen's port, from the host's side. */
export type HostLine = Line<ToScreen, FromScreen>;

/** How long an empty rehearsal waits for somebody to come back: a reload takes less, milliseconds. */
const EMPTY_FOR_MS = 3_000;

interface Running {
  show: Show;
  pulse: Pulse;
  life: string;
  screens: Set<HostLine>;
  cancelEnd: (() => void) | null;
}

/** Runs this browser's rehearsals, one show for each code, for all screens that are connected. */
export class Host {
  readonly #running = new Map<string, Running>();
  readonly #pace: Pace;
  /** Unix milliseconds. */
  readonly #wall: () => number;
  #lives = 0;

  constructor(pace: Pace, wall: () => number) {
    this.#pace = pace;
    this.#wall = wall;
  }

  /** Serves a screen from now on. */
  serve(line: HostLine): void {
    let screen: Screen | null = null;
    line.onmessage = ({ data }) => {
      if (data.k === 'hello') line.postMessage({ k: 'hello' });
      else if (data.k === 'begin') {
        screen?.goes();
        screen = this.#screen(line, data.beginning);
      } else screen?.said(data);
    };
    line.start?.();
  }

  #screen(line: HostLine, beginning: Beginning): Screen {
    const running = this.#running.get(beginning.show) ?? this.#begin(beginning);
    running.cancelEnd?.();
    running.cancelEnd = null;
    running.screens.add(line);
    line.postMessage({ k: 'began', beginning: running.show.beginning, life: running.life });
    return new Screen(line, running, () => this.#left(line, running));
  }

  #begin(beginning: Beginning): Running {
    const show = new Show(beginning, Math.floor(this.#wall()));
    const pulse = new Pulse(show.schedule, this.#pace);
    const life = `${Math.floor(this.#wall())}-${++this.#lives}`;
    const running: Running = { show, pulse, life, screens: new Set(), cancelEnd: null };
    this.#running.set(beginning.show, running);
    return running;
  }

  #left(line: HostLine, running: Running): void {
    running.screens.delete(line);
    if (running.screens.size > 0) return;
    running.cancelEnd = this.#pace.later(() => {
      running.pulse.stop();
      this.#running.delete(running.show.beginning.show);
    }, EMPTY_FOR_MS);
  }
}

/** One screen's calls and connections. */
class Screen {
  readonly #line: HostLine;
  readonly #running: Running;
  readonly #left: () => void;
  readonly #connections = new Map<number, NonNullable<ReturnType<Show['enter']>>>();

  constructor(line: HostLine, running: Running, left: () => void) {
    this.#line = line;
    this.#running = running;
    this.#left = left;
  }

  said(message: Exclude<FromScreen, { k: 'begin' | 'hello' }>): void {
    const { pulse } = this.#running;
    switch (message.k) {
      case 'call':
        return pulse.at(() =>
          answerCall(this.#running.show, message.call, (answer) => {
            this.#line.postMessage({ k: 'answer', n: message.n, answer });
          }),
        );
      case 'enter':
        return pulse.at(() => this.#enter(message));
      case 'say':
        return pulse.at(() => this.#connections.get(message.n)?.say(message.text));
      case 'leave':
        return pulse.at(() => this.#hangUp(message.n));
      case 'bye':
        return this.goes();
    }
  }

  /** The screen closes: everything that it holds is let go. */
  goes(): void {
    this.#running.pulse.at(() => {
      for (const n of [...this.#connections.keys()]) this.#hangUp(n);
    });
    this.#left();
  }

  #enter({ n, skuId, token, resume }: Extract<FromScreen, { k: 'enter' }>): void {
    const { show } = this.#running;
    const heard: string[] = [];
    let entered = false;
    const connection = show.enter(
      skuId,
      show.session(token),
      {
        // The welcome is said while the screen comes in; it is told that it is in before it hears it.
        hear: (text) => (entered ? this.#line.postMessage({ k: 'hear', n, text }) : void heard.push(text)),
        hangUp: (code, reason) => {
          this.#connections.delete(n);
          this.#line.postMessage({ k: 'hungUp', n, code, reason });
        },
      },
      resume,
    );
    if (!connection || heard.length === 0) return;
    this.#connections.set(n, connection);
    this.#line.postMessage({ k: 'entered', n });
    entered = true;
    for (const text of heard) this.#line.postMessage({ k: 'hear', n, text });
  }

  #hangUp(n: number): void {
    this.#connections.get(n)?.leave();
    this.#connections.delete(n);
  }
}
