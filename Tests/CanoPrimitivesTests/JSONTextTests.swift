import CanoPrimitives
import Foundation
import Testing

@Suite struct JSONTextTests {
    @Test("a text is encoded as it is")
    func verbatim() throws {
        let text = #"{"b":1.50,"a":[12345678901234567890123]}"#
        #expect(String(decoding: try JSONValue.encode(JSONText(text)), as: UTF8.self) == text)
        #expect(try JSONSize.bytes(of: JSONText(text)) == text.utf8.count)
    }

    @Test(
        "an encoder that knows no such text is given what it says",
        arguments: ["null", "true", "-3", "18446744073709551615", "0.1", "\"t\"", "[1,[]]", "{\"a\":{}}"])
    func anyEncoder(text: String) throws {
        let bytes = try JSONEncoder().encode([JSONText(text)])
        #expect(String(decoding: bytes, as: UTF8.self) == "[\(text)]")
        #expect(try JSONDecoder().decode([JSONText].self, from: bytes) == [JSONText(text)])
    }

    @Test("an element is added to a list, and to nothing else")
    func appending() {
        let one = JSONText("1")
        #expect(JSONText("[]").appending(one)?.text == "[1]")
        #expect(JSONText(" [ ] \n").appending(one)?.text == "[ 1]")
        #expect(JSONText("[[2]]").appending(one)?.text == "[[2],1]")
        for other in ["{}", "\"[]\"", "3", "["] { #expect(JSONText(other).appending(one) == nil) }
    }
}
