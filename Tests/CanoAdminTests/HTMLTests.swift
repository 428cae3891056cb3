import Testing

@testable import CanoAdmin

@Suite("Markup", .timeLimit(.minutes(5)))
struct HTMLTests {
    @Test("takes what is interpolated for text, and only other markup for markup")
    func interpolation() {
        let hostile = "<script>alert('a' & \"b\")</script>"
        let link: HTML = "<a title=\"\(hostile)\">\(hostile)</a>"
        let escaped = "&lt;script&gt;alert(&#39;a&#39; &amp; &quot;b&quot;)&lt;/script&gt;"
        #expect(link.text == "<a title=\"\(escaped)\">\(escaped)</a>")
        let list: HTML = "<p>\(link)</p>\([link, link])\(7)"
        #expect(list.text == "<p>\(link.text)</p>\(link.text)\(link.text)7")
    }

    @Test("leaves out what is not there")
    func nothing() {
        let (text, markup): (String?, HTML?) = (nil, nil)
        let html: HTML = "a\(text)b\(markup)c"
        #expect(html.text == "abc")
    }

    @Test("escapes a character that an accent stands upon", arguments: ["\"", "<", ">", "&", "'"])
    func accents(mark: String) {
        let accented = mark + "\u{301}"
        #expect(accented.count == 1)
        let html: HTML = "\(accented)"
        #expect(!html.text.utf8.contains(where: { $0 == mark.utf8.first && mark != "&" }))
        #expect(html.text.utf8.starts(with: "&".utf8))
        #expect(html.text.utf8.count > accented.utf8.count)
    }

    @Test("shows a moment in UTC, and none as a dash")
    func moments() {
        #expect(
            HTML.moment(1_772_357_400_125).text == "<time datetime=\"2026-03-01T09:30:00.125Z\">2026-03-01 09:30:00</time>")
        #expect(HTML.moment(nil).text == "–")
    }

    @Test("says a sentence where a table has no rows")
    func tables() {
        #expect(HTML.table(["A"], [], empty: "None & none.").text == "<p class=\"empty\">None &amp; none.</p>")
        let table = HTML.table(["A", "#B"], [["<b>", "1"]], empty: "")
        #expect(table.text.contains("<th scope=\"col\" class=\"number\">B</th>"))
        #expect(table.text.contains("<td class=\"\"><b></td>"), "cells are markup already")
    }
}

@Suite("JSON on pages", .timeLimit(.minutes(5)))
struct IndentedJSONTests {
    @Test(
        "has a line for each value and keeps each token as it is",
        arguments: [
            ("{}", "{}"), ("[ ]", "[]"), ("12345678901234567890", "12345678901234567890"),
            (#"{"a":1,"b":[true,null]}"#, "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    null\n  ]\n}"),
            (#"{ "a" : "x, {y}: [\"z\\" }"#, "{\n  \"a\": \"x, {y}: [\\\"z\\\\\"\n}"),
            (#"{"a":{},"b":[]}"#, "{\n  \"a\": {},\n  \"b\": []\n}"),
        ])
    func indentation(json: String, indented: String) {
        #expect(json.indentedJSON == indented)
    }

    @Test("ends for text that is no JSON", arguments: ["", "]]]", "{\"", "{{{{", "no json, at: all"])
    func otherText(text: String) {
        let kept = text.filter { $0 != " " }
        #expect(text.indentedJSON.filter { !$0.isWhitespace } == kept)
    }

    @Test("does not grow with the depth beyond bounds")
    func depth() {
        let deep = String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000)
        #expect(deep.indentedJSON.utf8.count < 1_000 * 2 * 110)
    }
}
