#if SQLite
    /// How many runs of a workflow in one version there are in the history.
    public struct HistoryTally: Sendable, Hashable {
        /// The workflow.
        public let workflow: String
        /// Its version; nil of runs that have not begun and may begin in any.
        public let version: String?
        /// How many there are by how far they are; none are left out.
        public let runs: [HistoryStatus: Int]
    }
#endif
