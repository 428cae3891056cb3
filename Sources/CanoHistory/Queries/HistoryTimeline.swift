#if SQLite
    public import CanoClient

    /// A run with what happened in it.
    public struct HistoryTimeline: Sendable, Hashable {
        /// The run.
        public let run: HistoricRun
        /// Its events, those about its signals, its late answers and its rejected commands as well, and the numbers of those that were missed.
        public let timeline: RunTimeline
    }
#endif
