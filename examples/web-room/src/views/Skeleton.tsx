/** A card on its way. */
export function SkeletonCard({ index }: { index: number }) {
  return (
    <section class="card skeleton-card" aria-hidden="true" data-index={index % 4}>
      <span class="skeleton line" /><span class="skeleton line short" /><span class="skeleton block" />
    </section>
  );
}
