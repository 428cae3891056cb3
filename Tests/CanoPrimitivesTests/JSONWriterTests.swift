import CanoPrimitives
import Foundation
import Testing

@Suite("A JSON object that is written", .timeLimit(.minutes(5)))
struct JSONWriterTests {
    @Test("reads back as what was written", arguments: ["", "plain", "\"\\/", "\n\r\t\u{0}\u{1f}", "é€😀\u{2028}"])
    func roundTrip(value: String) throws {
        var text = JSONWriter()
        text.member("a", value)
        text.member(value, json: "[1]")
        let object = try JSONSerialization.jsonObject(with: Data(text.object.utf8)) as? [String: Any]
        #expect(object?["a"] as? String == value)
        #expect(object?[value] as? [Int] == [1])
    }

    @Test("is the same as text and as bytes, lists of strings included")
    func bytes() {
        var writer = JSONWriter()
        writer.member("none", strings: [])
        writer.member("some", strings: ["a", "\"b\"", ""])
        #expect(writer.object == #"{"none":[],"some":["a","\"b\"",""]}"#)
        #expect(String(decoding: writer.utf8(), as: UTF8.self) == #"{"none":[],"some":["a","\"b\"",""]}"#)
    }
}
