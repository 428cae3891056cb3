import ArticleFixture
import Testing

@Suite("The articles", .timeLimit(.minutes(5)))
struct ArticleTests {
    private static let modules = ["CanoCore", "CanoRedisStores", "CanoClient"]

    @Test(
        "every block of Swift in an article is a snippet that the tests compile, and every snippet is shown",
        arguments: try modules.flatMap { try Article.all(of: $0) })
    func snippets(article: Article) throws {
        let (blocks, snippets) = (article.blocks, try article.snippets())
        #expect(!blocks.isEmpty, "an article without a snippet")
        for block in blocks { #expect(snippets.contains(block), "this block is in no snippet:\n\(block)") }
        for snippet in snippets { #expect(blocks.contains(snippet), "this snippet is in no block:\n\(snippet)") }
    }

    @Test("the landing page leads to every article", arguments: modules)
    func landingPage(module: String) throws {
        let page = try Article.landingPage(of: module).text
        for article in try Article.all(of: module) { #expect(page.contains("<doc:\(article)>")) }
    }
}
