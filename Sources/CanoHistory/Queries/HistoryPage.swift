#if SQLite
    /// A part of a list of runs.
    public struct HistoryPage: Sendable, Hashable {
        /// The runs that are meant; none twice. There may be none although more follow.
        public let runs: [HistoricRun]
        /// Where the list goes on; nil at its end.
        public let next: HistoryCursor?
    }
#endif
