#if SQLite
    /// Why a history can't be kept or read.
    public struct HistoryError: Error, Sendable, Hashable, CustomStringConvertible {
        /// The kinds of trouble.
        @nonexhaustive
        public enum Code: Sendable, Hashable {
            /// The file can't be opened, or is no history.
            case unusableFile
            /// A newer release has changed the layout of the file.
            case unknownFormat
            /// The file has the history of another bus.
            case otherBus
        }

        /// The kind of trouble.
        public let code: Code
        /// What is wrong and what to do about it, for a person.
        public let message: String

        init(_ code: Code, _ message: String) {
            self.code = code
            self.message = message
        }

        /// The message.
        public var description: String { message }
    }
#endif
