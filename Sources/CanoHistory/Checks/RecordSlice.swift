#if SQLite
    /// Records that were read, to be compared once the stream has been read up to where it was then.
    struct RecordSlice: Sendable {
        /// The runs, each with its record, or nil where there is none.
        let records: [(id: String, record: RecordedRun?)]
        /// When they were read, in milliseconds since 1970.
        let moment: Int64
        /// Whether they are the last of a sweep.
        let endsSweep: Bool
    }
#endif
