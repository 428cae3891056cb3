/// Where a setting has its value from.
enum SettingSource: Sendable, Hashable {
    case option(String)
    case variable(String)
    case file(String)
    case standard

    /// What goes before what: an option before a variable, that before the file.
    var weight: Int {
        switch self {
        case .option: 3
        case .variable: 2
        case .file: 1
        case .standard: 0
        }
    }

    /// The setting as it is called there.
    func name(of setting: Setting) -> String {
        switch self {
        case .option, .standard: setting.option
        case .variable: setting.variable
        case .file(let path): "\(setting.name) in \(path)"
        }
    }

    /// As it is printed.
    var description: String {
        switch self {
        case .option(let name): name
        case .variable(let name): name
        case .file(let path): path
        case .standard: "default"
        }
    }
}
