<?php
// For `php -S`: pretty permalinks, as a web server's try_files would give.
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$file = $_SERVER['DOCUMENT_ROOT'] . $path;
if ($path !== '/' && is_dir($file) && is_file(rtrim($file, '/') . '/index.php')) {
    $file = rtrim($file, '/') . '/index.php';
    $path = rtrim($path, '/') . '/index.php';
}
if ($path === '/' || !is_file($file)) {
    $path = '/index.php';
    $file = $_SERVER['DOCUMENT_ROOT'] . $path;
} elseif (substr($file, -4) !== '.php') {
    return false;
}
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = $path;
$_SERVER['SCRIPT_FILENAME'] = $file;
chdir(dirname($file));
require $file;
