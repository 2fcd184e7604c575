"""User agents as browsers, apps and declared machines send them.

The machines' strings are those their operators publish; they are facts of the simulated Web, chosen
apart from any library that the pipeline uses to recognise them.
"""

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)"
_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0"
BROWSERS = (
    f"{_WINDOWS} Chrome/139.0.0.0 Safari/537.36",
    f"{_WINDOWS} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    f"{_MAC} {_WEBKIT} Version/18.5 Safari/605.1.15",
    f"{_MAC} {_BLINK} Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0",
    f"{_IPHONE} {_WEBKIT} Version/18.6 Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 10; K) {_BLINK} Mobile Safari/537.36",
)
MACHINES = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "python-requests/2.32.3",
    "curl/8.5.0",
    "Go-http-client/1.1",
    "Wget/1.21.4",
    "Scrapy/2.12.0 (+https://scrapy.org)",
)
USER_AGENTS = BROWSERS + MACHINES
FIRST_MACHINE = len(BROWSERS)
