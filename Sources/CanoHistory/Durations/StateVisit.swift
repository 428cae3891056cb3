#if SQLite
    /// One stay in a state, which is over.
    struct StateVisit: Sendable, Hashable {
        let workflow: String
        let state: String
        /// When it was left, in milliseconds since 1970.
        let left: Int64
        /// How long it was, in milliseconds; what the run waited there included.
        let duration: Int64
    }
#endif
