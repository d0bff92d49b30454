<?php
// A must-use plugin: what tests need and the REST API refuses or hides. Mail is written to a file, never sent.
// For admin only, under /wp-json/cm-tests/v1; a POST takes JSON:
// POST user     {login, role}: made if missing, with a new application password: {id, login, password}
// POST comment  {post, content, author?, email?, user?, status? (approved hold spam trash), parent?, date?, agent?}: {id}.
//               No check of any kind: it is as if the comment had come in long ago. `date` is UTC, YYYY-MM-DDTHH:MM:SS.
// GET  comments ?post=N: every row of the table for that post, whatever its status, oldest id first
// X-Forwarded-For is believed: visitors can come from addresses of their own, of which each may comment every 15 seconds.
if (isset($_SERVER['HTTP_X_FORWARDED_FOR'])) {
    $_SERVER['REMOTE_ADDR'] = $_SERVER['HTTP_X_FORWARDED_FOR'];
}

add_filter('pre_wp_mail', function ($short, $mail) {
    file_put_contents(dirname(ABSPATH) . '/mail.log', json_encode($mail) . "\n", FILE_APPEND);
    return true;
}, 10, 2);

// Where a post's title says "twins allowed", WordPress does not refuse the same comment twice, as with some plugins.
add_filter('duplicate_comment_id', function ($id, $comment) {
    return str_contains(get_the_title($comment['comment_post_ID']), 'twins allowed') ? 0 : $id;
}, 10, 2);

// A user whose name begins with `desk` is alone here: the API lists only the comments on that user's own posts.
add_filter('rest_comment_query', function ($query) {
    $user = wp_get_current_user();
    return str_starts_with($user->user_login, 'desk') ? ['post_author' => $user->ID] + $query : $query;
});

add_action('rest_api_init', function () {
    $route = function ($name, $method, $answer) {
        $admin = fn() => current_user_can('manage_options');
        register_rest_route('cm-tests/v1', $name, ['methods' => $method, 'callback' => $answer, 'permission_callback' => $admin]);
    };
    $route('user', 'POST', 'cm_tests_user');
    $route('comment', 'POST', 'cm_tests_comment');
    $route('comments', 'GET', 'cm_tests_comments');
});

function cm_tests_user($request) {
    $login = $request['login'];
    $user = get_user_by('login', $login);
    $id = $user ? $user->ID : wp_insert_user([
        'user_login' => $login, 'user_pass' => wp_generate_password(), 'user_email' => "$login@example.com",
        'display_name' => $login, 'role' => $request['role'],
    ]);
    if (is_wp_error($id)) {
        return $id;
    }
    (new WP_User($id))->set_role($request['role']);
    [$password] = WP_Application_Passwords::create_new_application_password($id, ['name' => 'cm ' . wp_generate_uuid4()]);
    return ['id' => $id, 'login' => $login, 'password' => $password];
}

function cm_tests_comment($request) {
    $status = ['approved' => 1, 'hold' => 0, 'spam' => 'spam', 'trash' => 'trash'][$request['status'] ?? 'approved'];
    $user = $request['user'] ? get_userdata($request['user']) : null;
    $author = $request['author'] ?? ($user ? $user->display_name : 'Visitor');
    $date = str_replace('T', ' ', $request['date'] ?? gmdate('Y-m-d H:i:s'));
    $id = wp_insert_comment(wp_slash([
        'comment_post_ID' => $request['post'], 'comment_content' => $request['content'], 'comment_author' => $author,
        'comment_author_email' => $request['email'] ?? ($user ? $user->user_email : sanitize_title($author) . '@example.com'),
        'user_id' => $user ? $user->ID : 0, 'comment_approved' => $status, 'comment_parent' => $request['parent'] ?? 0,
        'comment_date_gmt' => $date, 'comment_date' => get_date_from_gmt($date),
        'comment_agent' => $request['agent'] ?? 'Mozilla/5.0', 'comment_author_IP' => '192.0.2.1',
    ]));
    return $id ? ['id' => $id] : new WP_Error('cm_tests', 'the comment was not stored');
}

function cm_tests_comments($request) {
    global $wpdb;
    $rows = $wpdb->get_results($wpdb->prepare("SELECT * FROM $wpdb->comments WHERE comment_post_ID = %d ORDER BY comment_ID", $request['post']));
    $status = fn($stored) => ['1' => 'approved', '0' => 'hold'][$stored] ?? $stored;
    return array_map(fn($row) => [
        'id' => (int) $row->comment_ID, 'parent' => (int) $row->comment_parent, 'user' => (int) $row->user_id,
        'author' => $row->comment_author, 'email' => $row->comment_author_email, 'content' => $row->comment_content,
        'status' => $status($row->comment_approved), 'agent' => $row->comment_agent,
        'date' => str_replace(' ', 'T', $row->comment_date_gmt),
    ], $rows);
}
