//! Nothing that a language model, a server or a folder of nets says becomes markup; nothing makes the page endless.
use nn_caption::llm::Finish;
use nn_caption::report::search::page;

use super::made::{self, End};

const ATTACK: &str =
    "\"'></pre></style></svg></title><script>alert(1)</script><img src=x onerror=alert(1)>{{nets}}";

#[test]
#[expect(clippy::too_many_lines, reason = "one line a text")]
fn a_script_in_every_text_stays_text() {
    let dir = tempfile::tempdir().unwrap();
    let (mut search, mut trials) = made::search(dir.path());
    search.version = ATTACK.to_owned();
    for value in search.plan.values_mut() {
        *value = ATTACK.into();
    }
    search.plan.insert(ATTACK.to_owned(), ATTACK.into());
    for trial in &mut trials {
        let brief = &mut trial.brief;
        for text in [&mut brief.version, &mut brief.anchor, &mut trial.message] {
            *text = ATTACK.to_owned();
        }
        brief.snippets.push(ATTACK.to_owned());
        brief.decoder = Some(ATTACK.to_owned());
        if let Some(net) = &mut trial.net {
            net.blocks = vec![ATTACK.to_owned()];
            for text in [&mut net.name, &mut net.encoder, &mut net.decoder] {
                *text = ATTACK.to_owned();
            }
        }
        for rung in &mut trial.rungs {
            for scores in [
                &mut rung.scores.validation.coco,
                &mut rung.scores.validation.lemur,
            ] {
                scores.decoding = ATTACK.to_owned();
                scores.constant.as_mut().unwrap().caption = ATTACK.to_owned();
            }
        }
        for exchange in &mut trial.exchanges {
            exchange.repairs = Some(ATTACK.to_owned());
            for message in &mut exchange.request.messages {
                message.content = ATTACK.to_owned();
            }
            let reply = &mut exchange.reply;
            reply.finish = Finish::Other(ATTACK.to_owned());
            for text in [&mut reply.text, &mut reply.reasoning, &mut reply.model] {
                *text = ATTACK.to_owned();
            }
            for finding in &mut exchange.diagnostics {
                finding.message = ATTACK.to_owned();
                finding.help = Some(ATTACK.to_owned());
            }
        }
        if let Some(folder) = &trial.folder {
            let folder = dir.path().join(folder);
            for file in ["net.py", "net.rs", "repairs.diff"] {
                std::fs::write(folder.join(file), ATTACK).unwrap();
            }
            let captions = std::fs::read_to_string(folder.join("captions.json")).unwrap();
            let quoted = serde_json::to_string(ATTACK).unwrap();
            let quoted = quoted.trim_matches('"');
            let captions = captions.replace("what net", &format!("{quoted} what net"));
            std::fs::write(folder.join("captions.json"), captions).unwrap();
        }
    }
    let html = page(&search, &trials, dir.path());
    assert!(!html.contains("<script"), "a script");
    assert!(!html.contains("<img src=x"), "a picture");
    assert_eq!(
        html.matches("</title>").count(),
        1 + html.matches("<title>").count() - 1
    );
    assert_eq!(html.matches("<h2 id=\"nets\">").count(), 1);
    // As text it is there, many times.
    assert!(html.matches("&lt;script&gt;").count() > 100);
}

#[test]
fn a_page_of_many_long_replies_stays_small() {
    let dir = tempfile::tempdir().unwrap();
    let (search, _) = made::search(dir.path());
    let long = "x <".repeat(200_000);
    let mut failed = made::trial(
        dir.path(),
        1,
        &End::Failed(nn_caption::codegen::Outcome::Extract),
    );
    let exchange = made::exchange(0, "no net");
    failed.exchanges = vec![exchange; 40];
    for exchange in &mut failed.exchanges {
        exchange.reply.text.clone_from(&long);
        exchange.request.messages[1].content.clone_from(&long);
        exchange.repairs = Some(long.clone());
    }
    let mut trials = vec![failed.clone(), failed.clone()];
    failed.exchanges.clear();
    trials.resize(300, failed);
    for (trial, number) in trials.iter_mut().zip(1..) {
        trial.number = number;
    }
    let html = page(&search, &trials, dir.path());
    assert!(html.len() < 8_000_000, "{} bytes", html.len());
    assert!(html.contains("560.0 kB more are in the search's folder"));
    assert!(html.contains("28 more requests are in the store"));
    assert!(html.contains("Without a section: #61"));
}

#[test]
fn the_page_asks_for_nothing_from_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let (search, trials) = made::search(dir.path());
    let html = page(&search, &trials, dir.path());
    for attribute in [
        "src=\"http",
        "href=\"http",
        "url(http",
        "@import",
        "<link",
        "<script",
    ] {
        assert!(!html.contains(attribute), "{attribute}");
    }
    let references = html.matches("href=\"").count();
    assert_eq!(
        references,
        html.matches("href=\"#").count(),
        "all links lead inside the page"
    );
    assert!(html.contains("data:image/"));
}
