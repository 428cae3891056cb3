import Logging
import Testing

@testable import CanoCLI

@Suite("A line of the log as JSON", .timeLimit(.minutes(5)))
struct JSONLogHandlerTests {
    private func line(_ metadata: Logger.Metadata, message: Logger.Message = "said") -> String {
        var handler = JSONLogHandler(label: "shop")
        handler[metadataKey: "bridge"] = "b"
        let event = LogEvent(
            level: .warning, message: message, metadata: metadata, source: nil, file: "f", function: "g", line: 1)
        return handler.line(of: event, at: 1_700_000_000_123)
    }

    private let beginning = #"{"time":"2023-11-14T22:13:20.123Z","level":"warning","logger":"shop","message":"said""#

    @Test("says when, how severe, who and what, then the metadata by key")
    func members() {
        #expect(line([:]) == beginning + #","bridge":"b"}"#)
        #expect(line(["run": "a", "bridge": "other"]) == beginning + #","bridge":"other","run":"a"}"#)
        #expect(line([:], message: "a\n\"b\"").contains(#""message":"a\n\"b\"""#))
    }

    @Test("has the members of dictionaries beside the rest, and lists as lists")
    func flat() {
        let metadata: Logger.Metadata = ["at": ["state": "first", "deep": ["er": "x"]], "path": ["first", ["a": "b"]]]
        #expect(line(metadata) == beginning + #","at.deep.er":"x","at.state":"first","bridge":"b","path":["first",{"a":"b"}]}"#)
    }

    @Test("keeps its own members apart from metadata of that name")
    func taken() {
        #expect(
            line(["message": "mine", "time": "noon"]) == beginning + #","bridge":"b","metadata.message":"mine","metadata.time":"noon"}"#)
    }
}
