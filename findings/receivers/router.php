<?php
if (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) !== '/hooks/') {
    return false; // php -S serves a file, or answers that there is none
}
$id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
$timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
$body = file_get_contents('php://input');
$key = base64_decode(substr(getenv('WEBHOOK_SECRET'), strlen('whsec_')));
$expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
http_response_code(hash_equals($expected, $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') ? 204 : 400);
