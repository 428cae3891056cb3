import Testing

@Suite struct ArticleTests {
    @Test(
        "every block of Swift in an article is a snippet that the tests compile, and every snippet is shown", arguments: try Article.names()
    )
    func snippets(name: String) throws {
        let article = try Article(name)
        let blocks = article.blocks
        guard !blocks.isEmpty else { return #expect(name == "CanoCore", "an article without a snippet") }
        let snippets = try article.snippets()
        for block in blocks { #expect(snippets.contains(block), "this block is in no snippet:\n\(block)") }
        for snippet in snippets { #expect(blocks.contains(snippet), "this snippet is in no block:\n\(snippet)") }
    }

    @Test("the landing page leads to every article")
    func landingPage() throws {
        let page = try Article("CanoCore").text
        for name in try Article.names() where name != "CanoCore" { #expect(page.contains("<doc:\(name)>")) }
    }
}
