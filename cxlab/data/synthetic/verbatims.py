"""What people write beside their score: sentences in seven languages, by mood and theme."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxlab.data.synthetic.people import LANGUAGES

__all__ = ["MOODS", "SENTENCES", "THEMES", "sentence_codes", "verbatims_truth"]

MOODS = ("unhappy", "so-so", "happy")
THEMES = ("delivery", "staff", "price", "app")
THEME_SHARE = {
    "unhappy": (0.40, 0.20, 0.25, 0.15),
    "so-so": (0.25, 0.15, 0.40, 0.20),
    "happy": (0.20, 0.45, 0.10, 0.25),
}
WRITING_SHARE = 0.45

_WORDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "en": (
        ("The parcel came a week late & nobody told me.", "I was passed from one person to the next.",
         "Far too expensive for what you get.", "The app crashes whenever I open my basket."),
        ("Delivery is fine, sometimes a bit slow.", "Staff were polite, but could not really help.",
         "OK, but I've seen better prices.", "The app works; the menu is confusing."),
        ("Arrived the next day, well packed.", "Maria solved it in two minutes, thank you!",
         "Good value for money.", "Love the new app, so easy to use."),
    ),
    "de": (
        ("Das Paket kam eine Woche zu spät & ohne Nachricht.", "Ich wurde ständig weiterverbunden.",
         "Viel zu teuer für diese Leistung.", "Die App stürzt beim Öffnen des Warenkorbs ab."),
        ("Lieferung in Ordnung, manchmal etwas langsam.", "Freundlich, aber geholfen hat es kaum.",
         "Ganz gut, nur der Preis könnte besser sein.", "App läuft, das Menü ist unübersichtlich."),
        ("Am nächsten Tag da, gut verpackt.", "Super Beratung, vielen Dank!",
         "Gutes Preis-Leistungs-Verhältnis.", "Die neue App gefällt mir sehr, alles ganz einfach."),
    ),
    "fr": (
        ("Colis reçu avec une semaine de retard & aucune nouvelle.", "On m'a renvoyé de service en service.",
         "Beaucoup trop cher pour ce que c'est.", "L'application plante dès que j'ouvre le panier."),
        ("Livraison correcte, parfois un peu lente.", "Personnel aimable, mais sans solution.",
         "Correct, mais j'ai vu moins cher ailleurs.", "L'application marche, le menu est confus."),
        ("Livré dès le lendemain, bien emballé.", "Problème réglé en deux minutes, merci !",
         "Très bon rapport qualité-prix.", "J'adore la nouvelle application, très simple."),
    ),
    "es": (
        ("El paquete llegó una semana tarde & sin aviso.", "Me pasaron de una persona a otra.",
         "Demasiado caro para lo que ofrece.", "La aplicación se cierra al abrir la cesta."),
        ("El envío bien, a veces algo lento.", "Personal amable, pero no pudieron ayudar.",
         "No está mal, aunque hay mejores precios.", "La aplicación funciona; el menú es confuso."),
        ("Llegó al día siguiente, muy bien embalado.", "Lo resolvieron en dos minutos, ¡gracias!",
         "Buena relación calidad-precio.", "Me encanta la nueva aplicación, facilísima."),
    ),
    "ja": (
        ("荷物が一週間も遅れ、連絡もありませんでした。", "担当者をたらい回しにされました。",
         "内容のわりに高すぎます。", "カートを開くとアプリが落ちます。"),
        ("配送は普通ですが、少し遅いです。", "丁寧でしたが、解決しませんでした。",
         "悪くないですが、もう少し安いと嬉しいです。", "アプリは動きますが、メニューが分かりにくいです。"),
        ("翌日に届き、梱包も丁寧でした。", "すぐに解決してくれました。ありがとう!",
         "値段に見合う良い商品です。", "新しいアプリはとても使いやすいです。"),
    ),
    "pt": (
        ("A encomenda chegou uma semana atrasada & sem aviso.", "Fui passado de pessoa em pessoa.",
         "Caro demais para o que oferece.", "O aplicativo fecha quando abro o carrinho."),
        ("A entrega é boa, às vezes um pouco lenta.", "Atendimento educado, mas não resolveu.",
         "Bom, mas já vi preços melhores.", "O aplicativo funciona; o menu confunde."),
        ("Chegou no dia seguinte, bem embalado.", "Resolveram em dois minutos, obrigado!",
         "Ótimo custo-benefício.", "Adoro o novo aplicativo, muito fácil."),
    ),
    "zh": (
        ("包裹晚了一個星期,也沒有通知。", "客服一直把我轉來轉去。", "這個價錢太貴了。",
         "一打開購物車,應用程式就當掉。"),
        ("送貨還可以,有時候慢一點。", "態度不錯,但沒解決問題。", "還行,不過別家更便宜。",
         "應用程式能用,選單有點亂。"),
        ("隔天就到,包裝很好。", "兩分鐘就解決了,謝謝!", "物超所值。", "新的應用程式很好用。"),
    ),
}  # fmt: skip

SENTENCES = tuple(sentence for word in LANGUAGES for mood in _WORDS[word] for sentence in mood)


def sentence_codes(rng: np.random.Generator, language: NDArray[Any], mood: NDArray[Any]) -> NDArray[Any]:
    """Which sentence each person writes; -1 for those who write nothing."""
    shares = np.cumsum([THEME_SHARE[name] for name in MOODS], axis=1)
    theme = (rng.random(len(mood))[:, None] > shares[mood][:, :-1]).sum(axis=1)
    code = (language * len(MOODS) + mood) * len(THEMES) + theme
    return np.where(rng.random(len(mood)) < WRITING_SHARE, code, -1)


def verbatims_truth() -> dict[str, Any]:
    """Which themes people write about, by mood, and which sentence belongs to which theme and mood."""
    keys = [(word, mood, theme) for word in LANGUAGES for mood in MOODS for theme in THEMES]
    return {
        "writing_share": WRITING_SHARE,
        "theme_share_by_mood": {mood: dict(zip(THEMES, THEME_SHARE[mood], strict=True)) for mood in MOODS},
        "sentences": {
            text: {"language": word, "mood": mood, "theme": theme}
            for text, (word, mood, theme) in zip(SENTENCES, keys, strict=True)
        },
    }
