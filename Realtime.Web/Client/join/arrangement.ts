/** Where a tile stands on the stage, in CSS pixels. */
export interface Place { left: number; top: number; width: number; height: number }

/** Narrower tiles show nothing: rather fewer of them. */
const leastWidth = 88;

/** All equal, as large as they can be; wide, squarer where the stage is upright. Those for which there is no place are left out. */
export function inGrid(count: number, width: number, height: number, gap: number): Place[] {
  const ratio = width >= height ? 16 / 9 : 4 / 3;
  for (let shown = count; shown > 0; shown--) {
    let best = { columns: 1, wide: 0 };
    for (let columns = 1; columns <= shown; columns++) {
      const rows = Math.ceil(shown / columns);
      const widest = (width - gap * (columns - 1)) / columns;
      const highest = (height - gap * (rows - 1)) / rows;
      const wide = Math.max(0, Math.floor(Math.min(widest, highest * ratio)));
      if (wide > best.wide) best = { columns, wide };
    }
    if (best.wide >= leastWidth || shown === 1) return rows(shown, best.columns, best.wide, Math.floor(best.wide / ratio), width, height, gap);
  }
  return [];
}

/** The first one large, the others in a strip beside it (below it where the stage is upright), as many as there is room for. */
export function aroundFirst(count: number, width: number, height: number, gap: number): Place[] {
  if (count === 0) return [];
  if (count === 1) return [{ left: 0, top: 0, width, height }];
  const beside = width >= height * 1.1;
  const wide = beside ? clamp(Math.floor(width * 0.2), 112, 256) : clamp(Math.floor(width * 0.3), 96, 200);
  const high = Math.floor(beside ? wide * 9 / 16 : wide * 3 / 4);
  const [along, each] = beside ? [height, high] : [width, wide];
  const shown = Math.min(count - 1, Math.max(1, Math.floor((along + gap) / (each + gap))));
  const from = Math.floor((along - shown * each - (shown - 1) * gap) / 2);
  const strip = Array.from({ length: shown }, (_, i) => beside
    ? { left: width - wide, top: from + i * (high + gap), width: wide, height: high }
    : { left: from + i * (wide + gap), top: height - high, width: wide, height: high });
  const first = beside ? { left: 0, top: 0, width: width - wide - gap, height } : { left: 0, top: 0, width, height: height - high - gap };
  return [first, ...strip];
}

/** In the middle of the stage; a last row that is not full in the middle of its own. */
function rows(count: number, columns: number, wide: number, high: number, width: number, height: number, gap: number): Place[] {
  const lines = Math.ceil(count / columns);
  const top = Math.floor((height - lines * high - (lines - 1) * gap) / 2);
  return Array.from({ length: count }, (_, i) => {
    const line = Math.floor(i / columns);
    const inLine = Math.min(columns, count - line * columns);
    const left = Math.floor((width - inLine * wide - (inLine - 1) * gap) / 2);
    return { left: left + (i % columns) * (wide + gap), top: top + line * (high + gap), width: wide, height: high };
  });
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
