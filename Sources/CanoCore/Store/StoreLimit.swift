/// The most that stores hold, as JSON. Steps read and write whole values, so a large one makes every step that touches it slow, for all who
/// use the same Redis.
public enum StoreLimit {
    /// The names and values of a run's own store together; 1 MiB.
    public static let runBytes = 1 << 20
    /// One value of a store that runs share; 1 MiB.
    public static let sharedValueBytes = 1 << 20

    /// What a run's own store is refused with.
    package static func runStoreIsFull(_ bytes: Int) -> CanoError {
        CanoError(
            .store,
            "The run store would hold \(bytes) bytes; \(runBytes) are the most. Keep large data elsewhere and its address here.",
            isRetryable: false)
    }

    /// What a store that runs share is refused with, for the value of that name.
    package static func valueIsTooLarge(_ place: String, _ bytes: Int) -> CanoError {
        CanoError(
            .store,
            """
            \(place) would hold \(bytes) bytes; \(sharedValueBytes) are the most for one value. Keep large data elsewhere and its address \
            here, and spread a list that grows over several names.
            """, isRetryable: false)
    }
}
