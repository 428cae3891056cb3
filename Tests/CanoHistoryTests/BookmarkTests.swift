#if SQLite
    import CanoRedis
    import Testing

    @testable import CanoHistory

    @Suite("A bookmark", .timeLimit(.minutes(5)))
    struct BookmarkTests {
        private static func id(_ milliseconds: UInt64) -> StreamEntryID { StreamEntryID(milliseconds: milliseconds, sequence: 0) }

        private static func stream(_ length: Int, of added: Int, first: UInt64?, last: UInt64) -> StreamInformation {
            StreamInformation(length: length, entriesAdded: added, lastGeneratedID: id(last), firstID: first.map(id))
        }

        private static func bookmark(_ entry: UInt64, _ count: Int) -> Bookmark {
            var bookmark = Bookmark()
            bookmark.move(past: count, to: id(entry))
            return bookmark
        }

        struct Case: Sendable {
            let what: String
            let bookmark: Bookmark
            let stream: StreamInformation?
            let continuation: Bookmark.Continuation
        }

        static let cases: [Case] = [
            Case(what: "no stream yet", bookmark: Bookmark(), stream: nil, continuation: .onward),
            Case(what: "a new stream", bookmark: Bookmark(), stream: stream(3, of: 3, first: 10, last: 12), continuation: .onward),
            Case(
                what: "the first was trimmed", bookmark: Bookmark(), stream: stream(3, of: 5, first: 12, last: 14),
                continuation: .trimmed(2)),
            Case(what: "more has come", bookmark: bookmark(12, 3), stream: stream(5, of: 5, first: 10, last: 14), continuation: .onward),
            Case(what: "nothing has come", bookmark: bookmark(14, 5), stream: stream(5, of: 5, first: 10, last: 14), continuation: .onward),
            Case(
                what: "what was read was trimmed", bookmark: bookmark(12, 3), stream: stream(2, of: 5, first: 13, last: 14),
                continuation: .onward),
            Case(
                what: "what was not read was trimmed", bookmark: bookmark(12, 3), stream: stream(1, of: 5, first: 14, last: 14),
                continuation: .trimmed(1)),
            Case(
                what: "all of it was trimmed", bookmark: bookmark(12, 3), stream: stream(0, of: 5, first: nil, last: 14),
                continuation: .trimmed(2)),
            Case(
                what: "all was read and trimmed", bookmark: bookmark(14, 5), stream: stream(0, of: 5, first: nil, last: 14),
                continuation: .onward),
            Case(
                what: "one was deleted out of the midst", bookmark: bookmark(14, 4), stream: stream(4, of: 5, first: 10, last: 14),
                continuation: .onward),
            Case(what: "the stream is gone", bookmark: bookmark(14, 5), stream: nil, continuation: .replaced),
            Case(
                what: "its end is before", bookmark: bookmark(14, 5), stream: stream(5, of: 9, first: 1, last: 13), continuation: .replaced),
            Case(
                what: "it was given less", bookmark: bookmark(14, 5), stream: stream(2, of: 2, first: 20, last: 21), continuation: .replaced
            ),
        ]

        @Test("tells how the stream goes on", arguments: cases)
        func continuation(_ example: Case) {
            #expect(example.bookmark.continuation(in: example.stream) == example.continuation, "\(example.what)")
        }

        @Test("that sees a stream once sees nothing new in it the second time", arguments: cases)
        func seen(_ example: Case) {
            guard let seen = example.bookmark.seeing(example.stream) else { return }
            let again = seen.seeing(example.stream)
            // A stream in whose place another is begins anew, and may have been trimmed before.
            #expect(again == nil || (example.continuation == .replaced && again?.seeing(example.stream) == nil), "\(example.what)")
            #expect(seen.isSweepDue == (example.continuation != .onward), "\(example.what)")
        }

        @Test("tells how far behind it is, by entries and by time")
        func lag() {
            let lag = Self.bookmark(10_000, 100).lag(in: Self.stream(50, of: 140, first: 9_000, last: 12_500))
            #expect(lag == (40, .milliseconds(2_500)))
            #expect(Self.bookmark(14, 5).lag(in: Self.stream(5, of: 5, first: 10, last: 14)) == (0, .zero))
            #expect(Bookmark().lag(in: nil) == (0, .zero))
        }
    }
#endif
