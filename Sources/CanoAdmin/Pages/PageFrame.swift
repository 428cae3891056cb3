/// What is around each page: the head, the way to the other pages, and what has just been done.
struct PageFrame: Sendable {
    let site: Site

    /// The pages in the order of the menu, each with the key that leads to it after `g`.
    static let menu: [(title: String, path: String, key: String)] = [
        ("Now", OverviewPage.path, "n"), ("Runs", RunsPage.path, "r"), ("Queues", QueuesPage.path, "q"),
        ("Schedules", SchedulesPage.path, "s"), ("Dead letters", DeadLettersPage.path, "d"), ("Workflows", WorkflowsPage.path, "w"),
        ("Bridges", BridgesPage.path, "b"),
    ]

    /// A whole page.
    ///
    /// - Parameters:
    ///   - title: What it is called.
    ///   - path: Where it is, which the menu shows; empty where it is on no menu.
    ///   - live: Where its changes are told; nil where none are.
    ///   - notice: What has just been done; nil for nothing.
    ///   - main: The page.
    /// - Returns: The whole of it.
    func page(_ title: String, at path: String = "", live: String? = nil, notice: String? = nil, _ main: HTML) -> HTML {
        let history = site.hasHistory ? [(title: "History", path: AdminPath.history, key: "h")] : []
        let items = (Self.menu + history).map { title, itsPath, key -> HTML in
            let mark: HTML = itsPath == path ? " aria-current=\"page\"" : ""
            return "<a href=\"\(site.path(itsPath))\" data-key=\"\(key)\" title=\"g \(key)\"\(mark)>\(title)</a>\n"
        }
        let out: HTML =
            site.hasToken ? "<form class=\"inline\" method=\"post\" action=\"\(site.path("/logout"))\"><button>Log out</button></form>" : ""
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title) · Cano</title>
            <link rel="stylesheet" href="\(site.path("/assets/admin.css"))">
            <link rel="icon" href="\(site.path("/assets/icon.svg"))">
            <script src="\(site.path("/assets/admin.js"))" defer></script>
            </head>
            <body data-live="\(live)">
            <a class="skip" href="#main">Skip to the page</a>
            <header>
            <strong>Cano</strong> <span class="bus" title="the prefix of the bus">\(site.bus)</span>
            <nav aria-label="Pages">
            \(items)</nav>
            <form class="find" action="\(site.path(RunDetailsPage.path))"><label>Run <input name="id" type="search" placeholder="id of a run" \
            aria-keyshortcuts="/" title="/"></label></form>
            <button id="live" type="button" hidden aria-pressed="true" title="p">Live</button>
            \(site.isReadOnly ? HTML("<span class=\"tag\">read-only</span>") : "")\(out)
            </header>
            \(notice.map { "<p class=\"notice\" role=\"status\">\($0)</p>" as HTML })
            <main id="main" tabindex="-1">
            \(main)
            </main>
            <footer>Times are UTC.</footer>
            </body>
            </html>

            """
    }

    /// The page that says what went wrong.
    func problem(_ problem: RequestProblem) -> HTML {
        let title =
            switch problem.status {
            case 404: "Not found"
            case 400: "Not understood"
            case 401, 403: "Not allowed"
            case 409: "Not done"
            case 413: "Too much"
            case 502: "Redis refused"
            case 503: "Redis does not answer"
            case 504: "No bridge has answered"
            default: "Something went wrong"
            }
        return page(title, "<h1>\(title)</h1><p class=\"problem\">\(problem.message)</p>")
    }

    /// The page that asks for the token.
    func login(refused: Bool) -> HTML {
        let refusal: HTML = refused ? "<p class=\"problem\">That is not the token.</p>" : ""
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Log in · Cano</title>
            <link rel="stylesheet" href="\(site.path("/assets/admin.css"))">
            </head>
            <body>
            <main id="main">
            <h1>Cano</h1>
            \(refusal)
            <form method="post" action="\(site.path("/login"))" class="login">
            <label>The admin token <input name="token" type="password" autocomplete="current-password" required autofocus></label>
            <button>Log in</button>
            </form>
            <p class="faint">It is in the file that <code>--admin-token-file</code> names.</p>
            </main>
            </body>
            </html>

            """
    }
}
