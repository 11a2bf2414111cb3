import { feature } from "topojson-client";

type Topology = Parameters<typeof feature>[0];
/** `id` is what a spec calls it. */
type Outline = { id?: unknown; properties?: { name?: unknown } };

/** The outlines that a spec names, as features; loaded with the first map that needs them. */
export async function shapesOf(spec: unknown): Promise<Outline[] | undefined> {
  const atlas = (spec as { usermeta?: { shapes?: unknown } } | undefined)?.usermeta?.shapes;
  if (atlas === "world") {
    const { default: world } = await import("world-atlas/countries-110m.json");
    // Nobody has figures of Antarctica, and it takes a fifth of the map.
    return features(world, "countries").filter(({ id }) => id !== "010");
  }
  if (atlas === "us") {
    const { default: us } = await import("us-atlas/states-10m.json");
    return features(us, "states");
  }
  return undefined;
}

function features(atlas: unknown, name: string): Outline[] {
  const topology = atlas as Topology;
  const object = topology.objects[name];
  if (!object) return [];
  const all = (feature(topology, object) as unknown as { features: Outline[] }).features;
  return all.map((one) => ({ ...one, id: one.id ?? one.properties?.name }));
}
