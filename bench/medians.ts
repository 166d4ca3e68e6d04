import { median, type Result } from "./measurement.ts";

/** The medians of what was measured. */
export class Medians {
  readonly #results: readonly Result[];

  constructor(results: readonly Result[]) {
    this.#results = results.filter(({ wrong }) => wrong === 0);
  }

  /** Of one figure over the rounds; NaN when there is none. */
  of(work: string, program: string, key: string): number {
    return median(
      this.#results.flatMap((result) =>
        result.work === work && result.program === program ? (result.figures[key] ?? []) : [],
      ),
    );
  }

  /** Of the quotients of two programs' figures, each of one round: what disturbs a round disturbs both. */
  ratio(work: string, key: string, program: string, other: string): number {
    const quotients = this.#results
      .filter((result) => result.work === work && result.program === program)
      .flatMap(({ round, figures }) => {
        const pair = this.#results.find(
          (result) => result.work === work && result.program === other && result.round === round,
        );
        const [a, b] = [figures[key], pair?.figures[key]];
        return a === undefined || b === undefined ? [] : a / b;
      });
    return median(quotients);
  }
}
