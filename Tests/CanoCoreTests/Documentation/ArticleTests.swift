import ArticleFixture
import Testing

@Suite(.timeLimit(.minutes(1))) struct ArticleTests {
    @Test(
        "every block of Swift in an article is a snippet that the tests compile, and every snippet is shown",
        arguments: try Article.all(of: "CanoCore"))
    func snippets(article: Article) throws {
        let (blocks, snippets) = (article.blocks, try article.snippets())
        #expect(!blocks.isEmpty, "an article without a snippet")
        for block in blocks { #expect(snippets.contains(block), "this block is in no snippet:\n\(block)") }
        for snippet in snippets { #expect(blocks.contains(snippet), "this snippet is in no block:\n\(snippet)") }
    }

    @Test("the landing page leads to every article")
    func landingPage() throws {
        let page = try Article.landingPage(of: "CanoCore").text
        for article in try Article.all(of: "CanoCore") { #expect(page.contains("<doc:\(article)>")) }
    }
}
