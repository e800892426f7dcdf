/** The `meta` of an answer, and a fetch that answers from a list. */
import type { Meta } from '#lib/protocol/http.ts';
import { FakeTime } from './fake-time.ts';

export function meta(): Meta {
  return {
    requestId: 'r',
    timestamp: FakeTime.WALL,
    guardrailTriggered: false,
    virtualCosts: 0,
    ledger: {
      virtualUsd: 0,
      platformUsd: 0,
      exposureUsd: 0,
      realUsd: 0,
      limitUsd: 0,
      billingScale: 1e-9,
      loadFactor: 100_000,
      locked: false,
      lines: [],
    },
  };
}

export interface Asked {
  url: string;
  init: RequestInit;
}

/** Answers each call with the next of `answers`; a string is a body that is no JSON, an Error a network that is gone. */
export function fakeFetch(answers: (object | string | Error)[], status = 200) {
  const asked: Asked[] = [];
  const fetcher: typeof fetch = (url, init = {}) => {
    asked.push({ url: url instanceof Request ? url.url : url.toString(), init });
    const answer = answers.shift() ?? new Error('not asked for');
    if (answer instanceof Error) return Promise.reject(answer);
    const body = typeof answer === 'string' ? answer : JSON.stringify(answer);
    return Promise.resolve(new Response(body, { status }));
  };
  return { fetcher, asked };
}
