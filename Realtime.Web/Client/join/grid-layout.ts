export interface GridLayout { columns: number; width: number; height: number }

/** The column count that gives `count` equal tiles the most room; tiles are wide, squarer where the stage is upright. */
export function layOut(count: number, width: number, height: number, gap: number): GridLayout {
  const ratio = width >= height ? 16 / 9 : 4 / 3;
  let best: GridLayout = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const widest = (width - gap * (columns - 1)) / columns;
    const highest = (height - gap * (rows - 1)) / rows;
    const tile = Math.max(0, Math.floor(Math.min(widest, highest * ratio)));
    if (tile > best.width) best = { columns, width: tile, height: Math.floor(tile / ratio) };
  }
  return best;
}
