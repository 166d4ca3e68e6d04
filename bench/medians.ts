import { median, type Result } from "./measurement.ts";

/** The medians of measurements. */
export class Medians {
  readonly #results: readonly Result[];

  constructor(results: readonly Result[]) {
    this.#results = results.filter(({ wrong }) => wrong === 0);
  }

  /** Returns the median of one figure over the rounds; NaN if there is none. */
  of(work: string, program: string, key: string): number {
    return median(
      this.#results.flatMap((result) =>
        result.work === work && result.program === program ? (result.figures[key] ?? []) : [],
      ),
    );
  }

  /**
   * Returns the median ratio of two programs' figures within a round, because a disturbance affects both.
   */
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
