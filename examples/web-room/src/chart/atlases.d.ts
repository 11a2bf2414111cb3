// Too big to be read for their types.
declare module "world-atlas/*.json" {
  const topology: unknown;
  export default topology;
}
declare module "us-atlas/*.json" {
  const topology: unknown;
  export default topology;
}
