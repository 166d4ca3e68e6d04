/** What the quick switcher can go to. */
export interface Place {
  id: string;
  name: string;
  topic: string | null;
}

/**
 * Orders places by how well they fit what is typed: the beginning of the name, then the beginning
 * of a word in it, then anywhere in the name, then in the topic. Equal ones keep their order.
 *
 * @param places in the order to show when nothing is typed
 * @param typed the search; letter case and surrounding space do not matter
 */
export function findPlaces<T extends Place>(places: readonly T[], typed: string): T[] {
  const wanted = typed.trim().toLocaleLowerCase();
  if (wanted === "") return [...places];
  return places
    .map((place) => ({ place, rank: rankOf(place, wanted) }))
    .filter((found) => found.rank < NO_FIT)
    .sort((a, b) => a.rank - b.rank)
    .map((found) => found.place);
}

const NO_FIT = 4;

function rankOf(place: Place, wanted: string): number {
  const name = place.name.toLocaleLowerCase();
  if (name.startsWith(wanted)) return 0;
  if (name.split(/[\s._-]+/u).some((word) => word.startsWith(wanted))) return 1;
  if (name.includes(wanted)) return 2;
  return place.topic?.toLocaleLowerCase().includes(wanted) ? 3 : NO_FIT;
}
